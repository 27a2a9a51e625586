package dev.moco.training.data.loader;

/** Where the views of pre-training are made. The place changes no byte of them, only what the loader has to do. */
public enum ViewPlace {
    /** The loader makes them. */
    HOST,
    /** The loader makes the crops; colour, blur and flip are left to the device. */
    COLOR_ON_DEVICE,
    /** The loader decodes alone. */
    ALL_ON_DEVICE
}
