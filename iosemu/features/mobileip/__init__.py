"""Mobile IP: home agent, foreign agent, mobile node, and the redundancy of home agents."""
