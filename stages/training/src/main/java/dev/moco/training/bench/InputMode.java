package dev.moco.training.bench;

import dev.moco.training.data.loader.ViewPlace;

/** Part of the work on views that the loader does; the rest is left to a device. */
enum InputMode {
    HOST(ViewPlace.HOST, "decode and two views"),
    COLOR(ViewPlace.COLOR_ON_DEVICE, "decode and two crops; color, blur and flip on a device"),
    DECODE(ViewPlace.ALL_ON_DEVICE, "decode only; crops on a device, too");

    private final ViewPlace place;
    private final String description;

    InputMode(ViewPlace place, String description) {
        this.place = place;
        this.description = description;
    }

    ViewPlace place() {
        return place;
    }

    String description() {
        return description;
    }
}
