"""The functions of the control, one module per area: the request, its reply's encoder and its reader together.

A function that returns `Call` is the client's side; `encode_*` is the control's side (used by the simulator).
Codes and layouts come from observed traffic between the vendor's own library and a control's stand-in.
"""
