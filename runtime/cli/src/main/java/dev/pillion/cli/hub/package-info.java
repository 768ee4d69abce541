/**
 * Getting files from a Hugging Face hub: what a reference means, where its cache lies, how a file comes over the
 * network and is checked. Knows neither models nor the command line.
 */
@NullMarked
package dev.pillion.cli.hub;

import org.jspecify.annotations.NullMarked;
