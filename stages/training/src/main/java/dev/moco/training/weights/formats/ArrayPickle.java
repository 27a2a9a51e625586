package dev.moco.training.weights.formats;

import dev.moco.training.weights.StoredTensor;
import dev.moco.training.weights.input.ByteReader;
import dev.moco.training.weights.input.Bytes;
import dev.moco.training.weights.input.Reason;
import dev.moco.training.weights.input.RefusedException;
import dev.moco.training.weights.pickle.PickleMap;
import dev.moco.training.weights.pickle.PickleReader;
import dev.moco.training.weights.pickle.PickleValues;
import java.io.IOException;
import java.util.Map;

/** Pickles of arrays: detectron2's model zoo, what MoCo's converter writes, and those of Caffe2 before them. */
final class ArrayPickle {
    private ArrayPickle() {}

    /** The map of tensors, under {@code model}, as detectron2 has it. */
    static PickleMap read(Bytes file) throws IOException {
        ByteReader in = new ByteReader(file);
        Object root = PickleReader.read(in, new NumpyRules());
        if (in.remaining() > 0) {
            throw new RefusedException(Reason.TRAILING, "bytes follow the pickle");
        }
        if (!(root instanceof PickleMap map)) {
            throw new RefusedException(
                    Reason.FORMAT, "it must be a dict of arrays under 'model', found " + PickleValues.type(root));
        }
        // Caffe2's files are the map itself, or have it under another name.
        Object model = map.get("model") != null ? map.get("model") : map.get("blobs") != null ? map.get("blobs") : map;
        if (!(model instanceof PickleMap arrays)) {
            throw new RefusedException(
                    Reason.FORMAT, "'model' must be a dict of arrays, found " + PickleValues.type(model));
        }
        PickleMap tensors = new PickleMap(false);
        for (Map.Entry<Object, Object> entry : arrays.entries().entrySet()) {
            StoredTensor tensor = entry.getValue() instanceof NumpyRules.Array array ? array.tensor() : null;
            if (tensor == null) {
                throw new RefusedException(
                        Reason.FORMAT,
                        "'model' must be a dict of arrays, found " + PickleValues.type(entry.getValue())
                                + (entry.getValue() instanceof NumpyRules.Array ? " without numbers" : "") + " at "
                                + RefusedException.shown(entry.getKey().toString()));
            }
            tensors.put(entry.getKey(), tensor);
        }
        return tensors;
    }
}
