"""What a control keeps by itself: parameters, macro variables, offsets, PMC cells, program files."""
