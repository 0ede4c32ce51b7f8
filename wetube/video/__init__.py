"""WeTube: films on channels, from the first uploaded byte to the last view."""
