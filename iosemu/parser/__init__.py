"""The grammar engine: commands declared in Cisco's notation, and every service read off them.

text → files → notation → Shape → graph → step → parse, help, complete; `render` is the way back. Nothing here
knows a network: what depends on a router comes in as a `Context`.
"""
