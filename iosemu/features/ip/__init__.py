"""IP: addresses, routes, ARP, their screens, and what tries the network: ping and traceroute."""
