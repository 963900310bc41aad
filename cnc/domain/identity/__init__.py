"""What people prove who they are with."""
