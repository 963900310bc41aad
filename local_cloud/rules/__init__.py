"""Rules engine of the local cloud: IoT SQL over what the broker takes in, and the actions of the template."""
