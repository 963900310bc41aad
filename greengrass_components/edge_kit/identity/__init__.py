"""Who a gateway is to the cloud: its key, its certificate, how it came by them, and how it renews them."""
