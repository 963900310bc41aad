"""The journal proven: damage, full disks, clock steps, days without a link."""
