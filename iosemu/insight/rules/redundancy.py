"""Rules about redundancy."""
