"""Limits of the AWS IoT Core message broker: "AWS IoT Core endpoints and quotas" in the AWS General Reference."""

MAX_PAYLOAD_BYTES = 128 * 1024
MAX_PACKET_BYTES = 149_504  # Maximum Packet Size in AWS's CONNACK
MAX_CLIENT_ID_BYTES = 128
MIN_KEEP_ALIVE_S = 30
MAX_KEEP_ALIVE_S = 1200
MAX_SESSION_EXPIRY_S = 3600
RECEIVE_MAX = 100  # unacknowledged QoS 1 messages, each direction
TOPIC_ALIAS_MAX = 8
MAX_FILTERS_PER_SUBSCRIBE = 8
MAX_SUBSCRIPTIONS = 50  # per connection
PUBLISH_PER_S = 100  # per connection, inbound
BYTES_PER_S = 512 * 1024  # per connection, inbound
CONNECT_TIMEOUT_S = 10.0

# Ours: what one slow or absent client may hold in memory before the oldest is dropped (QoS 0: not sent).
MAX_QUEUED = 10_000
MAX_WRITE_BUFFER_BYTES = 1024 * 1024
