"""From an OPC UA server to rows."""
