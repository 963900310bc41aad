"""Modbus TCP: devices described by maps, read in merged blocks."""
