"""A small interpreter of NC blocks: enough of the G-code of mills and lathes for programs that really run."""
