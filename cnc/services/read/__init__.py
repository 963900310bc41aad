"""What people and programs read: machines as they are, what they measured, and whether all of it is there."""
