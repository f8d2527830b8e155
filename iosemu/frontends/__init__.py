"""Fronts: the only package that may touch sockets, asyncio, the wall clock or a terminal."""
