"""What the worker does for supervision by itself."""
