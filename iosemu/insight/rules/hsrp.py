"""Rules about hsrp."""
