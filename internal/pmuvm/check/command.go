package main

// command checks counts of whole commands.
func (c *checker) command() {}

// regions checks counts of marked regions.
func (c *checker) regions() {}
