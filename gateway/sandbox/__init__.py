"""Floor of the guests: compiles, links, instantiates and calls WebAssembly modules, and believes none of them."""
