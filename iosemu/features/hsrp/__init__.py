"""HSRP: Cisco's Hot Standby Router Protocol, version 0 of RFC 2281 (which IOS calls version 1)."""
