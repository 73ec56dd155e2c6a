"""Tests of samples, raters' answers, and what they say of the labels."""
