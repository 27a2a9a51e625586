package dev.moco.training.data.loader;

/** Division of the work on views between loader and device; the views are the same bytes in each case. */
public enum ViewPlace {
    /** The loader makes the views. */
    HOST,
    /** The loader decodes and crops; the device does color jitter, grayscale, blur and flip. */
    COLOR_ON_DEVICE,
    /** The loader only decodes; the device crops, too. */
    ALL_ON_DEVICE
}
