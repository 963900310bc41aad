"""A simulated machine behind an OPC UA server (asyncua's own), with the companion specifications or without."""
