"""iosemu: a Cisco-style IOS CLI emulator whose routers are joined into a network that really runs."""
