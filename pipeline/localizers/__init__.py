"""Who finds regions: a protocol each for boxes and for masks, and an adapter a file for each family."""
