"""MTConnect out: the machines of a gateway, whatever they speak, behind one MTConnect agent. Read only."""
