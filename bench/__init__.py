"""The shared words, the data set and the score. No torch, no server, imports in well under a second."""
