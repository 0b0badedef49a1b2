"""Rules of channels, frames, order, history and time; no input or output."""
