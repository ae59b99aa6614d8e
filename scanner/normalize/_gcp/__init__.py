"""The dialect of Google's asset exports."""
