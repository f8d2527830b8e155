"""Rules about mobileip."""
