"""Sparkplug B out: the machines of a gateway as devices of an edge node, on a broker of the customer. Read only."""
