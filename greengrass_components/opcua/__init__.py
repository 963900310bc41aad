"""OPC UA: machines by the companion specifications 40501-1 (Machine Tools) and 40001-1 (Machinery), others by a map."""
