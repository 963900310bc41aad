"""Reading a control through the maker's own library, which the customer supplies by path; nothing of it is shipped.

The same interface as the client that speaks the protocol itself, so drivers cannot tell them apart. Reading alone:
what writes goes through the gate, over the protocol. There are no builds for 64-bit ARM.
"""
