"""RIP: the Routing Information Protocol, versions 1 and 2, as IOS runs it."""
