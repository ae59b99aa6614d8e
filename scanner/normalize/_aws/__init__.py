"""The dialect of AWS's APIs."""
