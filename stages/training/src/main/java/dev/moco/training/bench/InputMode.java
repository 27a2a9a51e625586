package dev.moco.training.bench;

import dev.moco.training.data.loader.ViewPlace;

/** How much of a view the loader makes; what it leaves out is left to a device. */
enum InputMode {
    HOST(ViewPlace.HOST, "decode and two exact views"),
    COLOUR(ViewPlace.COLOR_ON_DEVICE, "decode and two crops; colour, blur and flip on a device"),
    DECODE(ViewPlace.ALL_ON_DEVICE, "decode alone; crops on a device too");

    private final ViewPlace place;
    private final String words;

    InputMode(ViewPlace place, String words) {
        this.place = place;
        this.words = words;
    }

    ViewPlace place() {
        return place;
    }

    String words() {
        return words;
    }
}
