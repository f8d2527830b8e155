"""Interfaces: which there are, what they are called, whether they are up, and their IP addresses."""
