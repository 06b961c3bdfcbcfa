package cpu

const haveChain = true
