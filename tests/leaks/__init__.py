"""Nothing leaves the machine: shown in a network without a road, by a packet capture, and by a search."""
