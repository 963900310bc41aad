"""Truthful diagnosis of one device on the network, layer by layer: what was seen, and what to change where.

Pure with respect to the product: the command line, a gateway and the portal's wizard show the same report.
"""
