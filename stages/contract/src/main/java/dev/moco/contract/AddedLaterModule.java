package dev.moco.contract;

import com.fasterxml.jackson.annotation.JacksonInject;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.InjectableValues;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.introspect.AnnotatedMember;
import com.fasterxml.jackson.databind.introspect.AnnotatedParameter;
import com.fasterxml.jackson.databind.introspect.NopAnnotationIntrospector;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.BeanPropertyWriter;
import com.fasterxml.jackson.databind.ser.BeanSerializerModifier;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes Jackson leave out fields that are {@link AddedLater} while they are neutral, and read them where they are. */
final class AddedLaterModule extends SimpleModule {
    private static final long serialVersionUID = 1;
    /** Separates what names a member from its neutral value. */
    private static final char END_OF_ID = '=';

    @Override
    public void setupModule(SetupContext context) {
        super.setupModule(context);
        ObjectMapper mapper = context.getOwner();
        mapper.setInjectableValues(new NeutralValues(mapper));
        context.insertAnnotationIntrospector(new Introspector());
        context.addBeanSerializerModifier(new BeanSerializerModifier() {
            private static final long serialVersionUID = 1;

            @Override
            public List<BeanPropertyWriter> changeProperties(
                    SerializationConfig config, BeanDescription type, List<BeanPropertyWriter> properties) {
                properties.replaceAll(property -> {
                    AddedLater added = property.getAnnotation(AddedLater.class);
                    return added == null ? property : new NeutralIsLeftOut(property, mapper, added.neutral());
                });
                return properties;
            }
        });
    }

    private static @Nullable Object neutral(ObjectMapper mapper, String json, JavaType type) {
        try {
            return mapper.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("neutral value " + json + " is no " + type.toCanonical(), e);
        }
    }

    /** The neutral value is injected into a constructor whose argument is not in the JSON. */
    private static final class Introspector extends NopAnnotationIntrospector {
        private static final long serialVersionUID = 1;

        @Override
        @SuppressWarnings("NullAway") // null: not injected
        public JacksonInject.Value findInjectableValue(AnnotatedMember member) {
            AddedLater added = member.getAnnotation(AddedLater.class);
            return added == null ? null : JacksonInject.Value.construct(id(member) + added.neutral(), true, false);
        }

        /** Two components of a record may have the same neutral value, but must not have the same identifier. */
        private static String id(AnnotatedMember member) {
            String component = member instanceof AnnotatedParameter parameter
                    ? member.getDeclaringClass()
                            .getRecordComponents()[parameter.getIndex()]
                            .getName()
                    : member.getName();
            return component + END_OF_ID;
        }
    }

    private static final class NeutralValues extends InjectableValues.Std {
        private static final long serialVersionUID = 1;
        private final transient ObjectMapper mapper;

        NeutralValues(ObjectMapper mapper) {
            this.mapper = mapper;
        }

        @Override
        @SuppressWarnings("NullAway") // null is neutral where it is allowed
        public Object findInjectableValue(
                DeserializationContext context,
                Object json,
                BeanProperty property,
                @Nullable Object bean,
                @Nullable Boolean optional,
                @Nullable Boolean useInput) {
            String id = String.valueOf(json);
            return neutral(mapper, id.substring(id.indexOf(END_OF_ID) + 1), property.getType());
        }
    }

    private static final class NeutralIsLeftOut extends BeanPropertyWriter {
        private static final long serialVersionUID = 1;
        private final transient ObjectMapper mapper;
        private final String neutral;

        NeutralIsLeftOut(BeanPropertyWriter property, ObjectMapper mapper, String neutral) {
            super(property);
            this.mapper = mapper;
            this.neutral = neutral;
        }

        @Override
        public void serializeAsField(Object bean, JsonGenerator json, SerializerProvider serializers) throws Exception {
            if (!Objects.equals(get(bean), neutral(mapper, neutral, getType()))) {
                super.serializeAsField(bean, json, serializers);
            }
        }
    }
}
