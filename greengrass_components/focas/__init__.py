"""FANUC controls over FOCAS2/Ethernet, in pure Python: codec, client, simulator, driver."""
