"""MQTT 5 broker, registry and data plane of the local cloud: what AWS IoT Core is in AWS."""
