package main

const reflectOnly = false
