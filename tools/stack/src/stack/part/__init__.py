"""The parts of the local stack, one file each: how a part is prepared, started and asked whether it is there."""
